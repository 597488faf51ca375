using System.ComponentModel;
using System.Globalization;

namespace ChineseClip.Server.Hosting;

/// <summary>What a process that was counted out tells the one that takes its place, in an environment variable.</summary>
/// <param name="Urls">Where it listened; null when it did not get so far.</param>
/// <param name="Until">Until when joining is tried.</param>
internal sealed record Rejoining(string? Urls, DateTimeOffset Until)
{
    public const string Variable = "CHINESECLIP_REJOINING";
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    /// <summary>Null for a process that starts for the first time.</summary>
    public static Rejoining? Read(string? value)
    {
        string[] parts = value?.Split(' ', 2) ?? [];
        return parts.Length == 2 && long.TryParse(parts[0], NumberStyles.None, CultureInfo.InvariantCulture, out long seconds)
            && seconds <= DateTimeOffset.MaxValue.ToUnixTimeSeconds()
            ? new Rejoining(parts[1].Length == 0 ? null : parts[1], DateTimeOffset.FromUnixTimeSeconds(seconds))
            : null;
    }

    public static Rejoining Begin(string? urls, DateTimeOffset now) => new(urls, now + Patience);

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Until.ToUnixTimeSeconds()} {Urls}");

    /// <summary>Callers know the address, which port 0 would change.</summary>
    public void ListenAsBefore(WebApplicationBuilder builder)
    {
        if (Urls is not null)
        {
            builder.Configuration.AddInMemoryCollection([new(WebHostDefaults.ServerUrlsKey, Urls)]);
        }
    }

    /// <summary>Puts a new process image into the place of this one, or says why that cannot be.</summary>
    /// <exception cref="SiloEvictedException">Always, unless the image is replaced.</exception>
    public void StartAnew(string reason, Exception? cause)
    {
        if (DateTimeOffset.UtcNow >= Until)
        {
            throw new SiloEvictedException($"This silo was counted out of its cluster and could not join again within {Patience}: {reason}", cause);
        }

        if (!ProcessImage.IsReplaceable)
        {
            throw new SiloEvictedException($"This silo was counted out of its cluster; start it again: {reason}", cause);
        }

        try
        {
            ProcessImage.Replace(Variable, ToString());
        }
        catch (Exception exception) when (exception is Win32Exception or IOException)
        {
            throw new SiloEvictedException($"This silo was counted out of its cluster, and {exception.Message} {reason}", exception);
        }
    }
}
