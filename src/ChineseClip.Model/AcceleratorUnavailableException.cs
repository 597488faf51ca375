namespace ChineseClip.Model;

/// <summary>An accelerator is required and this machine or this build does not offer it.</summary>
public sealed class AcceleratorUnavailableException(string message, Exception? innerException = null)
    : Exception(message, innerException);
