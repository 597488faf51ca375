using ChineseClip.Demo.Facts;

namespace ChineseClip.Demo.Wording;

/// <summary>How a kind of thing is called and counted in Chinese.</summary>
/// <param name="Names">Usual names, the plainest first.</param>
/// <param name="SmallNames">Names with 小, not said of a thing that is drawn large.</param>
/// <param name="Measures">Measure words that go with it, the plainest first.</param>
/// <param name="Shapes">Words for its shape, always true of it; often none.</param>
public sealed record KindWords(string[] Names, string[] SmallNames, string[] Measures, string[] Shapes)
{
    private static readonly KindWords[] All =
    [
        new(["房子", "房屋", "屋子", "住宅"], ["小屋", "小房子"], ["座", "栋", "间"], []),
        new(["树", "大树", "树木"], ["小树"], ["棵"], []),
        new(["花", "花朵", "鲜花", "花儿"], ["小花"], ["朵"], []),
        new(["鱼", "鱼儿"], ["小鱼"], ["条"], []),
        new(["太阳", "日头"], ["小太阳"], ["个", "轮"], ["圆形", "圆", "圆圆"]),
        new(["月亮", "弯月", "月牙"], ["小月亮"], ["个", "轮", "弯"], ["弯弯"]),
        new(["星星", "星", "五角星"], ["小星星"], ["颗", "个"], []),
        new(["汽车", "小汽车", "轿车", "车", "车子"], ["小车"], ["辆"], []),
        new(["船", "帆船", "轮船", "船只"], ["小船"], ["艘", "条", "只"], []),
        new(["雪人"], ["小雪人"], ["个"], []),
        new(["蘑菇", "菌子"], ["小蘑菇"], ["个", "朵", "只"], []),
        new(["苹果"], ["小苹果"], ["个", "只"], ["圆形", "圆", "圆圆"]),
        new(["蝴蝶", "彩蝶"], ["小蝴蝶"], ["只"], []),
        new(["雨伞", "伞"], ["小伞"], ["把"], []),
        new(["气球"], ["小气球"], ["个", "只"], ["圆形", "圆", "圆圆"]),
        new(["山", "山峰", "高山", "大山"], ["小山"], ["座"], []),
        new(["云", "云朵", "云彩"], ["小云朵"], ["朵", "片"], []),
        new(["猫", "猫咪", "猫儿"], ["小猫"], ["只"], []),
        new(["鸟", "鸟儿", "飞鸟"], ["小鸟"], ["只"], []),
        new(["杯子", "茶杯", "水杯", "马克杯", "杯"], ["小杯子"], ["个", "只"], []),
        new(["书", "书本", "书籍", "图书"], ["小书"], ["本"], []),
        new(["钥匙"], ["小钥匙"], ["把"], []),
        new(["飞机", "客机"], ["小飞机"], ["架"], []),
        new(["蛋糕", "生日蛋糕"], ["小蛋糕"], ["个", "块"], []),
    ];

    private readonly string[][] _namesBySize =
    [
        [.. Names, .. SmallNames],
        [.. Names.Where(name => name[0] != '小' || name == "小汽车")],
        [.. Names.Where(name => name[0] != '大'), .. SmallNames],
    ];

    public static KindWords Of(ThingKind kind) => All[(int)kind];

    /// <summary>Names that do not contradict the size: no 小鱼 for a large fish, no 大树 for a small tree.</summary>
    public IReadOnlyList<string> NamesFor(ThingSize size) => _namesBySize[(int)size];
}
