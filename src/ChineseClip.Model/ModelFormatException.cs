namespace ChineseClip.Model;

/// <summary>A checkpoint, its configuration or a model package is not what it must be.</summary>
/// <remarks>The message names the file, the tensor or field, the value found and the value expected.</remarks>
public sealed class ModelFormatException : Exception
{
    public ModelFormatException(string file, string detail, Exception? innerException = null)
        : base($"{file}: {detail}", innerException) => File = file;

    /// <summary>The file or directory that is wrong.</summary>
    public string File { get; }
}
