namespace ChineseClip.Model.Tests.Fuzzing;

/// <summary>The file that one input after the other is written to.</summary>
internal static class InputFile
{
    /// <summary>Writes over what the file holds, without emptying it first.</summary>
    /// <remarks>A file system that flushes a file on closing because it was emptied would make a run wait for the disk most of its time.</remarks>
    public static void Write(string path, ReadOnlySpan<byte> bytes)
    {
        using var stream = new FileStream(path, FileMode.OpenOrCreate, FileAccess.Write, FileShare.ReadWrite, bufferSize: 0);
        stream.Write(bytes);
        stream.SetLength(bytes.Length);
    }
}
