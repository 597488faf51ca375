using ChineseClip.Demo.Drawing.Art;
using ChineseClip.Demo.Facts;

namespace ChineseClip.Demo.Drawing;

/// <summary>The drawing of every kind, built once.</summary>
internal static class Sketches
{
    private static readonly Sketch[] All = [.. Enum.GetValues<ThingKind>().Select(Draw)];

    public static Sketch Of(ThingKind kind) => All[(int)kind];

    private static Sketch Draw(ThingKind kind) => kind switch
    {
        ThingKind.House => PlaceArt.House(),
        ThingKind.Tree => PlaceArt.Tree(),
        ThingKind.Flower => PlaceArt.Flower(),
        ThingKind.Fish => AnimalArt.Fish(),
        ThingKind.Sun => SkyArt.Sun(),
        ThingKind.Moon => SkyArt.Moon(),
        ThingKind.Star => SkyArt.Star(),
        ThingKind.Car => VehicleArt.Car(),
        ThingKind.Boat => VehicleArt.Boat(),
        ThingKind.Snowman => AnimalArt.Snowman(),
        ThingKind.Mushroom => PlaceArt.Mushroom(),
        ThingKind.Apple => ObjectArt.Apple(),
        ThingKind.Butterfly => AnimalArt.Butterfly(),
        ThingKind.Umbrella => ObjectArt.Umbrella(),
        ThingKind.Balloon => SkyArt.Balloon(),
        ThingKind.Mountain => PlaceArt.Mountain(),
        ThingKind.Cloud => SkyArt.Cloud(),
        ThingKind.Cat => AnimalArt.Cat(),
        ThingKind.Bird => AnimalArt.Bird(),
        ThingKind.Cup => ObjectArt.Cup(),
        ThingKind.Book => ObjectArt.Book(),
        ThingKind.Key => ObjectArt.Key(),
        ThingKind.Plane => SkyArt.Plane(),
        ThingKind.Cake => ObjectArt.Cake(),
        _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, "Unknown kind."),
    };
}
