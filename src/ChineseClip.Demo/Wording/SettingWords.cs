using ChineseClip.Demo.Facts;

namespace ChineseClip.Demo.Wording;

/// <summary>Words for a setting, the plainest first.</summary>
public static class SettingWords
{
    private static readonly string[][] All =
    [
        ["白天", "晴天", "晴朗的白天", "大白天", "蓝天下", "白天里", "日间"],
        ["夜晚", "晚上", "夜里", "夜空下", "黑夜里", "夜间", "深夜"],
        ["海边", "沙滩上", "海滩上", "大海边", "海岸边", "沙滩", "海滩"],
        ["草地上", "草地", "草坪上", "绿草地上", "草坪", "草原上"],
        ["雪地里", "雪地", "雪地上", "雪中", "冰天雪地里", "雪景中"],
        ["室内", "屋里", "房间里", "屋子里", "家里", "房间"],
    ];

    public static IReadOnlyList<string> Of(Setting setting) => All[(int)setting];
}
