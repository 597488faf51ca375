using Microsoft.ML.OnnxRuntime;

namespace ChineseClip.Model.Inference;

/// <summary>Gives a session the first wanted execution provider that this machine offers.</summary>
internal static class ExecutionProviders
{
    public const string Cpu = "cpu";
    private const string Cuda = "cuda";
    private const string TensorRt = "tensorrt";

    /// <summary>Appends it to the session's options.</summary>
    /// <returns>Its name, and a warning for each wanted one passed over.</returns>
    /// <exception cref="AcceleratorUnavailableException">None of the wanted accelerators is there, and one is required.</exception>
    public static (string Chosen, IReadOnlyList<string> Warnings) Append(SessionOptions session, EncoderRuntimeOptions options)
    {
        foreach (string name in options.ExecutionProviders)
        {
            RequireKnown(name);
        }

        var warnings = new List<string>();
        foreach (string name in options.ExecutionProviders.Select(Normalize))
        {
            if (name == Cpu)
            {
                break;
            }

            string? reason = TryAppend(session, name);
            if (reason is null)
            {
                return (name, warnings);
            }

            warnings.Add($"Execution provider \"{name}\" is not available ({reason}); the next one is used.");
        }

        if (options.RequireAccelerator)
        {
            string wanted = string.Join(", ", options.ExecutionProviders);
            string reasons = warnings.Count == 0 ? "The list names no accelerator." : string.Join(" ", warnings);
            throw new AcceleratorUnavailableException(
                $"RequireAccelerator is set, and none of the execution providers [{wanted}] is an available accelerator. {reasons}");
        }

        return (Cpu, warnings);
    }

    private static string Normalize(string name) => name.Trim().ToLowerInvariant();

    private static void RequireKnown(string name)
    {
        if (Normalize(name) is not (Cpu or Cuda or TensorRt))
        {
            throw new ArgumentException(
                $"ExecutionProviders names \"{name}\"; known are {Cuda}, {TensorRt} and {Cpu}.", nameof(name));
        }
    }

    /// <summary>Null on success, else the reason.</summary>
    private static string? TryAppend(SessionOptions session, string name)
    {
        string runtimeName = name == Cuda ? "CUDAExecutionProvider" : "TensorrtExecutionProvider";
        string[] built = OrtEnv.Instance().GetAvailableProviders();
        if (!built.Contains(runtimeName))
        {
            return $"this build of ONNX Runtime has {string.Join(", ", built)}";
        }

        try
        {
            if (name == Cuda)
            {
                session.AppendExecutionProvider_CUDA();
            }
            else
            {
                session.AppendExecutionProvider_Tensorrt();
            }

            return null;
        }
        catch (Exception e) when (e is OnnxRuntimeException or DllNotFoundException or EntryPointNotFoundException)
        {
            return e.Message;
        }
    }
}
