namespace ChineseClip.Grains.Inference;

/// <summary>The bounds of a <see cref="MicroBatcher{T}"/>.</summary>
/// <param name="Name">How errors, metrics and the thread name it.</param>
/// <param name="MaxBatchSize">Inputs in one forward pass.</param>
/// <param name="MaxBatchDelay">How long the first input of a batch waits for others.</param>
/// <param name="MaxQueueLength">Inputs that may wait.</param>
internal sealed record MicroBatcherSettings(string Name, int MaxBatchSize, TimeSpan MaxBatchDelay, int MaxQueueLength);
