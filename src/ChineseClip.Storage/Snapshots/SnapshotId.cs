using System.Globalization;
using System.Security.Cryptography;
using System.Text.RegularExpressions;

namespace ChineseClip.Storage.Snapshots;

/// <summary>The name of a snapshot: <c>20261123T220500Z-e3-l1042-5f0c9a1b</c>, that is time, epoch, LSN and a random part.</summary>
/// <remarks>It says enough to list a snapshot whose description cannot be read any more.</remarks>
internal sealed partial record SnapshotId(DateTimeOffset CreatedAt, long Epoch, long Lsn, string Random)
{
    private const string TimeFormat = "yyyyMMdd'T'HHmmss'Z'";

    public static SnapshotId Create(long epoch, long lsn) => new(
        DateTimeOffset.UtcNow, epoch, lsn, RandomNumberGenerator.GetHexString(8, lowercase: true));

    public static bool TryParse(string text, out SnapshotId? id)
    {
        Match match = Pattern().Match(text);
        id = null;
        if (!match.Success
            || !DateTimeOffset.TryParseExact(
                match.Groups[1].Value, TimeFormat, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out DateTimeOffset createdAt)
            || !long.TryParse(match.Groups[2].Value, CultureInfo.InvariantCulture, out long epoch)
            || !long.TryParse(match.Groups[3].Value, CultureInfo.InvariantCulture, out long lsn))
        {
            return false;
        }

        id = new SnapshotId(createdAt, epoch, lsn, match.Groups[4].Value);
        return true;
    }

    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture, $"{CreatedAt.UtcDateTime.ToString(TimeFormat, CultureInfo.InvariantCulture)}-e{Epoch}-l{Lsn}-{Random}");

    [GeneratedRegex("^([0-9]{8}T[0-9]{6}Z)-e([0-9]{1,19})-l([0-9]{1,19})-([0-9a-f]{8})$", RegexOptions.CultureInvariant)]
    private static partial Regex Pattern();
}
