using System.Buffers.Binary;
using ChineseClip.Model.Tests.Checkpoints;

namespace ChineseClip.Model.Tests.Fuzzing;

/// <summary>Damage to torch files: to the pickle, to the zip around it, or to neither in particular.</summary>
internal static class TorchMutations
{
    /// <summary>Places and widths of the fields of a zip's records, after their signature.</summary>
    private static readonly (uint Signature, (int Place, int Width)[] Fields)[] Records =
    [
        (0x04034b50, [(0, 4), (6, 2), (8, 2), (18, 4), (22, 4), (26, 2), (28, 2)]),
        (0x02014b50, [(0, 4), (8, 2), (10, 2), (20, 4), (24, 4), (28, 2), (30, 2), (32, 2), (42, 4)]),
        (0x06054b50, [(0, 4), (8, 2), (10, 2), (12, 4), (16, 4), (20, 2)]),
    ];

    public static byte[] MutateZip(byte[] file, Random random)
    {
        List<(string Name, byte[] Content)> entries = random.Next(4) == 0 ? [] : PlainZip.Split(file);
        if (entries.Count == 0)
        {
            return ByteMutations.Havoc(file, random);
        }

        if (random.Next(3) == 0)
        {
            return MutateRecord([.. file], random);
        }

        int which = random.Next(6) > 0 ? Math.Max(0, entries.FindIndex(e => e.Name.EndsWith("data.pkl", StringComparison.Ordinal))) : random.Next(entries.Count);
        switch (random.Next(8))
        {
            case 0:
                entries.RemoveAt(random.Next(entries.Count));
                break;
            case 1:
                entries.Insert(random.Next(entries.Count), entries[random.Next(entries.Count)]);
                break;
            case 2:
                entries[which] = (entries[random.Next(entries.Count)].Name, entries[which].Content);
                break;
            default:
                entries[which] = (entries[which].Name, PickleMutations.Mutate(entries[which].Content, random));
                break;
        }

        return PlainZip.Make(entries);
    }

    public static byte[] MutateLegacy(byte[] file, Random random)
    {
        if (random.Next(3) == 0)
        {
            return ByteMutations.Havoc(file, random);
        }

        // All pickles are opcodes in a row; the storages behind them are taken for some more.
        int kept = random.Next(4) > 0 ? Math.Min(file.Length, 15) : 0;
        return [.. file[..kept], .. PickleMutations.Mutate(file[kept..], random)];
    }

    private static byte[] MutateRecord(byte[] file, Random random)
    {
        (uint signature, (int Place, int Width)[] fields) = Records[random.Next(Records.Length)];
        List<int> places = [];
        for (int i = 0; i + 4 <= file.Length; i++)
        {
            if (BinaryPrimitives.ReadUInt32LittleEndian(file.AsSpan(i)) == signature)
            {
                places.Add(i);
            }
        }

        if (places.Count == 0)
        {
            return ByteMutations.Havoc(file, random);
        }

        (int place, int width) = fields[random.Next(fields.Length)];
        long number = random.Next(2) == 0 ? ByteMutations.TellingNumber(random) : random.Next(file.Length + 2);
        return ByteMutations.Overwrite(file, places[random.Next(places.Count)] + place, number, width, isBigEndian: false);
    }
}
