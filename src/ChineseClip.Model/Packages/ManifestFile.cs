using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace ChineseClip.Model.Packages;

/// <summary>Reads, writes and identifies manifests.</summary>
internal static class ManifestFile
{
    public const string Name = "manifest.json";

    public static void Write(string directory, ModelManifest manifest)
    {
        byte[] json = JsonSerializer.SerializeToUtf8Bytes(manifest, ManifestJson.Default.ModelManifest);
        File.WriteAllBytes(Path.Combine(directory, Name), [.. json, (byte)'\n']);
    }

    /// <exception cref="ModelFormatException">There is none, or it is not one of this version, or it contradicts itself.</exception>
    public static ModelManifest Read(string directory)
    {
        string path = Path.Combine(directory, Name);
        if (!File.Exists(path))
        {
            throw new ModelFormatException(directory, $"is no model package: it has no {Name}");
        }

        ModelManifest manifest;
        try
        {
            manifest = Parse(File.ReadAllBytes(path)) ?? throw new ModelFormatException(path, "is null; expected an object");
        }
        catch (JsonException e)
        {
            throw new ModelFormatException(path, $"is no manifest: {e.Message}", e);
        }

        if (manifest.FormatVersion != ModelManifest.CurrentFormatVersion)
        {
            throw new ModelFormatException(
                path, $"formatVersion is {manifest.FormatVersion}; this version reads {ModelManifest.CurrentFormatVersion}");
        }

        string identity = Identity(manifest);
        return identity == manifest.Sha256
            ? manifest
            : throw new ModelFormatException(path, $"sha256 is {manifest.Sha256}; its contents give {identity}");
    }

    /// <exception cref="JsonException">The bytes are no manifest.</exception>
    internal static ModelManifest? Parse(byte[] json)
    {
        ModelManifest? manifest = JsonSerializer.Deserialize(json, ManifestJson.Default.ModelManifest);
        return manifest is not null && manifest.Files.Any(file => file is null)
            ? throw new JsonException("files holds a null; expected name, byteCount and sha256 of each file")
            : manifest;
    }

    /// <summary>SHA-256 over the settings that change results and over the files; not over where the model came from.</summary>
    public static string Identity(ModelManifest manifest)
    {
        var text = new StringBuilder();
        IFormatProvider invariant = CultureInfo.InvariantCulture;
        text.Append(invariant, $"chineseclip-package {manifest.FormatVersion}\n");
        text.Append(invariant, $"dimension {manifest.Dimension}\nprecision {manifest.Precision}\n");
        text.Append(invariant, $"imageSize {manifest.ImageSize}\nmaxTextLength {manifest.MaxTextLength}\n");
        text.Append(invariant, $"logitScale {manifest.LogitScale:R}\n");
        foreach (PackageFile file in manifest.Files.OrderBy(f => f.Name, StringComparer.Ordinal))
        {
            text.Append(invariant, $"{file.Sha256} {file.ByteCount} {file.Name}\n");
        }

        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text.ToString())));
    }

    /// <summary>Length and SHA-256 of a file.</summary>
    public static PackageFile Describe(string path)
    {
        using FileStream stream = File.OpenRead(path);
        return new PackageFile(Path.GetFileName(path), stream.Length, Convert.ToHexStringLower(SHA256.HashData(stream)));
    }
}

[JsonSourceGenerationOptions(
    WriteIndented = true, PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, UseStringEnumConverter = true, MaxDepth = 8,
    RespectNullableAnnotations = true, RespectRequiredConstructorParameters = true)]
[JsonSerializable(typeof(ModelManifest))]
internal sealed partial class ManifestJson : JsonSerializerContext;
