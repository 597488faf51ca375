using System.Buffers.Binary;
using System.Text;

namespace ChineseClip.Model.Tests.Checkpoints;

/// <summary>A tensor as a torch file holds it: a view into a storage.</summary>
internal sealed record TorchView(string Name, string Storage, long Offset, int[] Shape, int[] Strides);

/// <summary>Makes torch files of float32 storages, in both formats.</summary>
/// <remarks>Source: pytorch, torch/serialization.py, _save and _legacy_save; CPython, pickletools.py.</remarks>
internal static class TorchBytes
{
    /// <summary>The zip format, since torch 1.6.</summary>
    /// <param name="views">The tensors.</param>
    /// <param name="storages">What they look into.</param>
    /// <param name="isTraining">Whether the state dict has an epoch, a name and an optimizer's state around it, as a training checkpoint.</param>
    public static byte[] Zip(IReadOnlyList<TorchView> views, IReadOnlyDictionary<string, float[]> storages, bool isTraining = false) =>
        PlainZip.Make(
        [
            ("archive/data.pkl", isTraining ? Training(States(views, storages, isLegacy: false)) : States(views, storages, isLegacy: false)),
            ("archive/byteorder", "little"u8.ToArray()),
            .. storages.Select(s => ($"archive/data/{s.Key}", Bytes(s.Value))),
            ("archive/version", "3\n"u8.ToArray()),
        ]);

    /// <summary>The format before it: pickles in a row, then the storages.</summary>
    public static byte[] Legacy(IReadOnlyList<TorchView> views, IReadOnlyDictionary<string, float[]> storages)
    {
        var file = new List<byte>();
        file.AddRange(new byte[] { 0x80, 2, 0x8A, 10, 0x6C, 0xFC, 0x9C, 0x46, 0xF9, 0x20, 0x6A, 0xA8, 0x50, 0x19, (byte)'.' });
        file.AddRange(new byte[] { 0x80, 2, (byte)'M', 0xE9, 3, (byte)'.' });
        file.AddRange([0x80, 2, .. "}q\0("u8, .. Text("protocol_version"), (byte)'M', 0xE9, 3, .. Text("little_endian"), 0x88, .. "u."u8]);
        file.AddRange(States(views, storages, isLegacy: true));
        file.AddRange([0x80, 2, .. "]q\0("u8, .. storages.Keys.SelectMany(Text), .. "e."u8]);
        foreach (float[] values in storages.Values)
        {
            byte[] count = new byte[8];
            BinaryPrimitives.WriteInt64LittleEndian(count, values.Length);
            file.AddRange([.. count, .. Bytes(values)]);
        }

        return [.. file];
    }

    /// <summary>{'epoch': 3, 'name': 'x', 'state_dict': …, 'optimizer': {'state': {}, 'param_groups': [{'lr': 5e-05, 'betas': (0.9, 0.98), 'params': [0]}]}}</summary>
    private static byte[] Training(byte[] states) =>
    [
        0x80, 2, .. "}("u8, .. Text("epoch"), .. Int(3), .. Text("name"), .. Text("x"), .. Text("state_dict"), .. states[2..^1],
        .. Text("optimizer"), .. "}("u8, .. Text("state"), (byte)'}', .. Text("param_groups"), .. "]}("u8, .. Text("lr"),
        (byte)'G', 0x3F, 0x0A, 0x36, 0xE2, 0xEB, 0x1C, 0x43, 0x2D, .. Text("betas"),
        (byte)'G', 0x3F, 0xEC, 0xCC, 0xCC, 0xCC, 0xCC, 0xCC, 0xCD, (byte)'G', 0x3F, 0xEF, 0x5C, 0x28, 0xF5, 0xC2, 0x8F, 0x5C, 0x86,
        .. Text("params"), .. "]"u8, .. Int(0), .. "auauu."u8,
    ];

    /// <summary>A pickled OrderedDict of views.</summary>
    private static byte[] States(
        IReadOnlyList<TorchView> views, IReadOnlyDictionary<string, float[]> storages, bool isLegacy)
    {
        var pickle = new List<byte>();
        pickle.AddRange([0x80, 2, .. "ccollections\nOrderedDict\nq\0)Rq\u0001("u8]);
        foreach (TorchView view in views)
        {
            pickle.AddRange([.. Text(view.Name), .. "ctorch._utils\n_rebuild_tensor_v2\n(("u8, .. Text("storage")]);
            pickle.AddRange([.. "ctorch\nFloatStorage\n"u8, .. Text(view.Storage), .. Text("cpu"), .. Int(storages[view.Storage].Length)]);
            pickle.AddRange([.. isLegacy ? "NtQ"u8 : "tQ"u8, .. Int((int)view.Offset), .. Tuple(view.Shape), .. Tuple(view.Strides)]);
            pickle.AddRange([0x89, .. "ccollections\nOrderedDict\n)RtR"u8]);
        }

        pickle.AddRange("u."u8);
        return [.. pickle];
    }

    private static byte[] Tuple(int[] values) => [(byte)'(', .. values.SelectMany(Int), (byte)'t'];

    private static byte[] Int(int value)
    {
        byte[] bytes = new byte[5];
        bytes[0] = (byte)'J';
        BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(1), value);
        return bytes;
    }

    private static byte[] Text(string text)
    {
        byte[] utf8 = Encoding.UTF8.GetBytes(text);
        byte[] length = new byte[4];
        BinaryPrimitives.WriteInt32LittleEndian(length, utf8.Length);
        return [(byte)'X', .. length, .. utf8];
    }

    private static byte[] Bytes(float[] values)
    {
        byte[] bytes = new byte[4 * values.Length];
        for (int i = 0; i < values.Length; i++)
        {
            BinaryPrimitives.WriteSingleLittleEndian(bytes.AsSpan(4 * i), values[i]);
        }

        return bytes;
    }
}
