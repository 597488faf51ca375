namespace ChineseClip.Model.Checkpoints;

/// <summary>A class or function a pickle names. Never looked up, never called: only its name counts.</summary>
internal sealed record PickleGlobal(string Name);

/// <summary>A dict or OrderedDict.</summary>
internal sealed class PickleDictionary
{
    public List<KeyValuePair<object?, object?>> Items { get; } = [];
}

/// <summary>A stored array of numbers that tensors look into.</summary>
/// <param name="TypeName">Name of its storage class, such as <c>torch.FloatStorage</c>.</param>
/// <param name="Key">Name of its zip entry under <c>data/</c>.</param>
/// <param name="Count">Number of elements.</param>
internal sealed record TorchStorage(string TypeName, string Key, long Count);

/// <summary>A view into a storage.</summary>
internal sealed record TorchTensor(TorchStorage Storage, long Offset, long[] Shape, long[] Strides);
