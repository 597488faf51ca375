using ChineseClip.Demo.Facts;

namespace ChineseClip.Demo.Wording;

/// <summary>Words for a colour, the plainest first.</summary>
/// <param name="Short">The single character, as in 红鱼.</param>
/// <param name="Names">Full words, as in 红色的鱼.</param>
public sealed record ColorWords(string Short, string[] Names)
{
    private static readonly ColorWords[] All =
    [
        new("红", ["红色", "红", "大红", "鲜红", "大红色", "鲜红色"]),
        new("橙", ["橙色", "橙", "橘色", "橘黄色", "橙黄色"]),
        new("黄", ["黄色", "黄", "金黄", "金黄色"]),
        new("绿", ["绿色", "绿", "翠绿", "碧绿", "翠绿色"]),
        new("青", ["青色", "青", "蓝绿色", "青绿色"]),
        new("蓝", ["蓝色", "蓝", "深蓝", "深蓝色", "宝蓝色"]),
        new("紫", ["紫色", "紫", "深紫色", "紫罗兰色"]),
        new("粉", ["粉色", "粉红色", "粉红", "粉", "桃红色"]),
        new("棕", ["棕色", "褐色", "咖啡色", "棕", "棕褐色"]),
        new("黑", ["黑色", "黑", "漆黑", "乌黑"]),
        new("白", ["白色", "白", "雪白", "洁白"]),
        new("灰", ["灰色", "灰", "银灰色", "深灰色"]),
    ];

    public static ColorWords Of(ThingColor color) => All[(int)color];
}
