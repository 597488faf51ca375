using System.Runtime.InteropServices;

namespace ChineseClip.Model.Inference;

/// <summary>Keeps ONNX Runtime from reporting to its makers.</summary>
/// <remarks>
/// The published builds keep an identifier of the machine and a queue of events in the user's cache directory and send them off.
/// A variable of the environment is what stops all of it, and the native one counts: .NET keeps a copy of its own. Who has set the
/// variable is left to it.
/// </remarks>
internal static partial class RuntimeTelemetry
{
    private const string Variable = "ORT_DISABLE_TELEMETRY";

    /// <summary>To be called before anything else of ONNX Runtime.</summary>
    public static void SwitchOff()
    {
        if (Environment.GetEnvironmentVariable(Variable) is not null)
        {
            return;
        }

        Environment.SetEnvironmentVariable(Variable, "1");
        if (!OperatingSystem.IsWindows())
        {
            _ = SetNative(Variable, "1", overwrite: 0);
        }
    }

    [LibraryImport("libc", EntryPoint = "setenv", StringMarshalling = StringMarshalling.Utf8)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int SetNative(string name, string value, int overwrite);
}
