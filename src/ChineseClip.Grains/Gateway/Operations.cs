using System.IO.Hashing;
using System.Text;

namespace ChineseClip.Grains.Gateway;

/// <summary>
/// Names for the parts of one operation: the same items in the same part of the same operation always have the same name.
/// A repetition that has other items to store, because one of them failed the first time and not the second, is another write.
/// </summary>
internal static class Operations
{
    public static Guid Part(Guid operation, int part, IEnumerable<string> ids)
    {
        XxHash128 hash = new();
        hash.Append(operation.ToByteArray());
        hash.Append(BitConverter.GetBytes(part));
        foreach (string id in ids)
        {
            byte[] name = Encoding.UTF8.GetBytes(id);
            hash.Append(BitConverter.GetBytes(name.Length));
            hash.Append(name);
        }

        return new Guid(hash.GetCurrentHash());
    }
}
