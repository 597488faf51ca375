using ChineseClip.Demo.Facts;

namespace ChineseClip.Demo.Evaluation;

/// <summary>The queries that the demo asks by itself and offers on its page.</summary>
public static class DemoQueries
{
    public static IReadOnlyList<ShortQuery> All { get; } =
    [
        new("红色的鱼", null, [new(ThingKind.Fish, ThingColor.Red, null, null)]),
        new("夜晚的月亮", Setting.Night, [new(ThingKind.Moon, null, null, null)]),
        new("三个苹果", null, [new(ThingKind.Apple, null, 3, null)]),
        new("海边的船", Setting.Seaside, [new(ThingKind.Boat, null, null, null)]),
        new("雪地里的雪人", Setting.Snow, [new(ThingKind.Snowman, null, null, null)]),
        new("草地上的蝴蝶", Setting.Meadow, [new(ThingKind.Butterfly, null, null, null)]),
        new("粉红色的气球", null, [new(ThingKind.Balloon, ThingColor.Pink, null, null)]),
        new("室内，两只蓝色的猫", Setting.Indoor, [new(ThingKind.Cat, ThingColor.Blue, 2, null)]),
    ];
}
