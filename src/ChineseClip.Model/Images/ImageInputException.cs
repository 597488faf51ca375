namespace ChineseClip.Model;

/// <summary>A picture cannot be used; the message names it, the value and the bound.</summary>
public sealed class ImageInputException : Exception
{
    public ImageInputException(ImageInputError error, string inputName, string problem)
        : base($"Picture '{inputName}': {problem}")
    {
        Error = error;
        InputName = inputName;
    }

    public ImageInputError Error { get; }

    public string InputName { get; }
}
