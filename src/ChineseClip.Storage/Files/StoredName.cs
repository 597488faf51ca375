using System.Security.Cryptography;
using System.Text;

namespace ChineseClip.Storage.Files;

/// <summary>Maps shard keys and document names to file names that are safe on every file system.</summary>
/// <remarks>
/// [a-z0-9_-] stand for themselves, '/' becomes '@', every other UTF-8 byte becomes %XX; so names differing only in case stay apart where
/// the file system folds case, and '.' is ours alone (extensions). A long name is cut and carries its SHA-256. The file itself holds the true
/// name, which is checked when it is read.
/// </remarks>
internal static class StoredName
{
    private const int MaxNameBytes = 512;

    private const int MaxFileNameLength = 180;

    private static readonly UTF8Encoding StrictUtf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <exception cref="ArgumentException">The name is empty, too long, not well-formed, or holds a control character.</exception>
    public static string ToFileName(string name, string parameterName)
    {
        byte[] bytes = Check(name, parameterName);
        StringBuilder builder = new(bytes.Length);
        foreach (byte value in bytes)
        {
            char character = (char)value;
            _ = character switch
            {
                (>= 'a' and <= 'z') or (>= '0' and <= '9') or '_' or '-' => builder.Append(character),
                '/' => builder.Append('@'),
                _ => builder.Append('%').Append(Convert.ToHexString([value])),
            };
        }

        return builder.Length <= MaxFileNameLength
            ? builder.ToString()
            : string.Concat(builder.ToString(0, 100), "~", Convert.ToHexStringLower(SHA256.HashData(bytes)));
    }

    private static byte[] Check(string name, string parameterName)
    {
        ArgumentException.ThrowIfNullOrEmpty(name, parameterName);
        byte[] bytes;
        try
        {
            bytes = StrictUtf8.GetBytes(name);
        }
        catch (EncoderFallbackException exception)
        {
            throw new ArgumentException("The name holds half of a surrogate pair.", parameterName, exception);
        }

        if (bytes.Length > MaxNameBytes)
        {
            throw new ArgumentException($"The name has {bytes.Length} UTF-8 bytes; at most {MaxNameBytes} are allowed.", parameterName);
        }

        int control = name.AsSpan().IndexOfAny(ControlCharacters);
        return control < 0
            ? bytes
            : throw new ArgumentException($"The name holds the control character U+{(int)name[control]:X4} at {control}.", parameterName);
    }

    private static readonly System.Buffers.SearchValues<char> ControlCharacters = System.Buffers.SearchValues.Create(
        [.. Enumerable.Range(0, 0x20).Select(code => (char)code), .. Enumerable.Range(0x7F, 0x21).Select(code => (char)code)]);
}
