namespace ChineseClip.Model;

/// <summary>One file of a package.</summary>
/// <param name="Name">Plain file name within the package.</param>
/// <param name="ByteCount">Its length.</param>
/// <param name="Sha256">Its SHA-256, lower-case hexadecimal.</param>
public sealed record PackageFile(string Name, long ByteCount, string Sha256);
