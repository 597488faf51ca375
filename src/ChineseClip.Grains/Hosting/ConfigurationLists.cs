using Microsoft.Extensions.Configuration;

namespace ChineseClip.Grains.Hosting;

/// <summary>Lists in the configuration: <c>Key:0</c>, <c>Key:1</c>, … or one value with commas.</summary>
internal static class ConfigurationLists
{
    public static void ReadCommas(IConfiguration section, string key, IList<string> list)
    {
        if (section[key] is { Length: > 0 } value)
        {
            list.Clear();
            foreach (string item in value.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
            {
                list.Add(item);
            }
        }
    }
}
