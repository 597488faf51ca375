using System.Security.Cryptography;
using System.Text;
using ChineseClip.Model;

namespace ChineseClip.Demo;

/// <summary>The small Chinese-CLIP shipped with the project: a checkpoint folder beside the program, converted on first use.</summary>
public static class DemoModel
{
    public const string Name = "demo";

    /// <summary>Hexadecimal digits of the checkpoint's hash in a package's directory name.</summary>
    private const int HashDigits = 16;

    /// <summary>The shipped checkpoint: config.json, vocab.txt, preprocessor_config.json, model.safetensors.</summary>
    public static string CheckpointDirectory => Path.Combine(AppContext.BaseDirectory, "demo-model");

    /// <summary>Converts the shipped checkpoint below the directory, unless its package is there already and sound.</summary>
    /// <param name="directory">Where packages are kept; made when absent.</param>
    /// <param name="cancellationToken">Stops the conversion; no half package stays behind.</param>
    /// <returns>The package's path, which names the checkpoint's hash: another checkpoint gets another package.</returns>
    /// <exception cref="FileNotFoundException">The program was built without the checkpoint.</exception>
    public static string EnsurePackage(string directory, CancellationToken cancellationToken = default) =>
        EnsurePackage(CheckpointDirectory, directory, cancellationToken);

    internal static string EnsurePackage(string checkpoint, string directory, CancellationToken cancellationToken)
    {
        ArgumentException.ThrowIfNullOrEmpty(directory);
        if (!Directory.Exists(checkpoint))
        {
            throw new FileNotFoundException($"The demo model's checkpoint is missing: {checkpoint} does not exist.", checkpoint);
        }

        Directory.CreateDirectory(directory);
        var package = Path.Combine(directory, $"{Name}-{Hash(checkpoint)[..HashDigits]}");
        if (!IsSound(package))
        {
            ModelConverter.Convert(checkpoint, package, ct: cancellationToken);
        }

        return package;
    }

    private static bool IsSound(string package)
    {
        if (!Directory.Exists(package))
        {
            return false;
        }

        try
        {
            ModelPackage.Open(package, verifyWeights: true);
            return true;
        }
        catch (ModelFormatException)
        {
            // A damaged package is converted anew: the checkpoint is at hand.
            return false;
        }
    }

    private static string Hash(string checkpoint)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var file in Directory.EnumerateFiles(checkpoint).Order(StringComparer.Ordinal))
        {
            hash.AppendData(Encoding.UTF8.GetBytes(Path.GetFileName(file)));
            hash.AppendData(SHA256.HashData(File.ReadAllBytes(file)));
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }
}
