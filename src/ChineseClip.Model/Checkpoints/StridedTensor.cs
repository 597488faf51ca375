namespace ChineseClip.Model.Checkpoints;

/// <summary>A tensor that looks into a storage with an offset and a stride for each dimension.</summary>
internal sealed class StridedTensor : CheckpointTensor
{
    /// <summary>Most elements of a tensor that repeats those of its storage, as torch's <c>expand</c> makes them: a small file must not ask for much memory.</summary>
    private const int MaxRepeated = 1 << 16;

    private readonly TorchFile _file;
    private readonly long[] _strides;
    private readonly long _fileOffset;

    private StridedTensor(string name, TensorType type, int[] shape, TorchFile file, long fileOffset, long[] strides)
        : base(name, type, shape)
    {
        _file = file;
        _strides = strides;
        _fileOffset = fileOffset;
    }

    /// <summary>Checks the view against its storage, and the storage against the file.</summary>
    public static StridedTensor View(string name, TorchTensor tensor, TorchFile file)
    {
        TensorType type = TypeOf(name, tensor.Storage.TypeName, file.Path);
        string entryName = $"{file.Root}data/{tensor.Storage.Key}";
        if (!file.Entries.TryGetValue(entryName, out ZipEntry entry))
        {
            throw new ModelFormatException(file.Path, $"tensor \"{name}\" lies in the entry \"{entryName}\", which is missing");
        }

        if (tensor.Storage.Count > long.MaxValue / 8 || entry.ByteCount < tensor.Storage.Count * type.ElementBytes())
        {
            throw new ModelFormatException(
                file.Path,
                $"tensor \"{name}\" lies in a storage of {tensor.Storage.Count} elements; its entry has {entry.ByteCount} bytes");
        }

        if (tensor.Shape.Length != tensor.Strides.Length
            || tensor.Shape.Any(s => s is < 0 or > int.MaxValue)
            || !Fits(tensor))
        {
            throw new ModelFormatException(
                file.Path,
                $"tensor \"{name}\" of shape [{string.Join(", ", tensor.Shape)}], strides [{string.Join(", ", tensor.Strides)}] "
                + $"and offset {tensor.Offset} does not lie within its storage of {tensor.Storage.Count} elements");
        }

        int[] shape = [.. tensor.Shape.Select(s => (int)s)];
        return new StridedTensor(
            name, type, shape, file, entry.Offset + (tensor.Offset * type.ElementBytes()), tensor.Strides);
    }

    public override void CopyTo(Span<float> destination)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(destination.Length, Count);
        if (Count == 0)
        {
            return;
        }

        if (IsContiguous())
        {
            ElementReader.Read(_file.Handle, _file.Path, _fileOffset, Type, destination);
            return;
        }

        long last = Shape.Select((s, i) => (s - 1) * _strides[i]).Sum();
        float[] span = GC.AllocateUninitializedArray<float>(checked((int)(last + 1)));
        ElementReader.Read(_file.Handle, _file.Path, _fileOffset, Type, span);
        Gather(span, destination);
    }

    private bool IsContiguous()
    {
        long expected = 1;
        for (int i = Shape.Count - 1; i >= 0; i--)
        {
            if (Shape[i] != 1 && _strides[i] != expected)
            {
                return false;
            }

            expected *= Shape[i];
        }

        return true;
    }

    private void Gather(float[] source, Span<float> destination)
    {
        int rank = Shape.Count;
        Span<int> index = stackalloc int[TensorShape.MaxRank];
        index.Clear();
        long place = 0;
        for (int i = 0; i < destination.Length; i++)
        {
            destination[i] = source[place];
            for (int axis = rank - 1; axis >= 0; axis--)
            {
                place += _strides[axis];
                if (++index[axis] < Shape[axis])
                {
                    break;
                }

                place -= Shape[axis] * _strides[axis];
                index[axis] = 0;
            }
        }
    }

    /// <summary>Whether every element lies inside, and there are no more of them than the storage has, or few.</summary>
    private static bool Fits(TorchTensor tensor)
    {
        Int128 last = tensor.Offset;
        Int128 count = 1;
        for (int i = 0; i < tensor.Shape.Length; i++)
        {
            if (tensor.Strides[i] < 0)
            {
                return false;
            }

            last += (Int128)Math.Max(0, tensor.Shape[i] - 1) * tensor.Strides[i];
            count = count > Array.MaxLength ? count : count * tensor.Shape[i];
        }

        return tensor.Offset >= 0
            && (count == 0 || last < tensor.Storage.Count)
            && count <= Math.Max(tensor.Storage.Count, MaxRepeated)
            && count <= Array.MaxLength
            && last < Array.MaxLength + (Int128)tensor.Offset;
    }

    /// <summary>Bytes of an element of any storage, of those too that hold no weights.</summary>
    public static int ElementBytes(string storageName, string path) => storageName switch
    {
        "torch.DoubleStorage" or "torch.LongStorage" or "torch.ComplexFloatStorage" => 8,
        "torch.FloatStorage" or "torch.IntStorage" => 4,
        "torch.HalfStorage" or "torch.BFloat16Storage" or "torch.ShortStorage" => 2,
        "torch.ByteStorage" or "torch.CharStorage" or "torch.BoolStorage" => 1,
        _ => throw new ModelFormatException(path, $"has a storage of {storageName}, whose elements are of no known size"),
    };

    private static TensorType TypeOf(string name, string storageName, string path) => storageName switch
    {
        "torch.FloatStorage" => TensorType.Float32,
        "torch.HalfStorage" => TensorType.Float16,
        "torch.BFloat16Storage" => TensorType.BFloat16,
        "torch.LongStorage" => TensorType.Int64,
        _ => throw new ModelFormatException(
            path, $"tensor \"{name}\" is of {storageName}; expected Float, Half, BFloat16 or LongStorage"),
    };
}
