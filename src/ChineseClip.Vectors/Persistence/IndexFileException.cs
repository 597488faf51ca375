namespace ChineseClip.Vectors.Persistence;

/// <summary>A file of an index snapshot is missing, damaged, of another version or not what its manifest says.</summary>
/// <param name="file">The file.</param>
/// <param name="offset">The byte from which on it is not what was expected; 0 when the whole file is concerned.</param>
/// <param name="expectation">What was expected there and what was found.</param>
/// <param name="innerException">What the system said, if it did.</param>
public sealed class IndexFileException(string file, long offset, string expectation, Exception? innerException = null)
    : IOException($"{file}, byte {offset}: {expectation}", innerException)
{
    public string File { get; } = file;

    public long Offset { get; } = offset;

    public string Expectation { get; } = expectation;
}
