namespace ChineseClip.Model.Checkpoints;

/// <summary>The tensors of one checkpoint, by name, whatever the form of its files.</summary>
/// <remarks>Ownership: disposing closes the files; tensors cannot be read afterwards.</remarks>
internal sealed class Checkpoint(
    string path, IReadOnlyDictionary<string, CheckpointTensor> tensors, params IDisposable[] resources) : IDisposable
{
    /// <summary>The file the tensors come from, for messages.</summary>
    public string Path { get; } = path;

    public IReadOnlyDictionary<string, CheckpointTensor> Tensors { get; } = tensors;

    public void Dispose()
    {
        foreach (IDisposable resource in resources)
        {
            resource.Dispose();
        }
    }
}
