namespace ChineseClip.Demo.Facts;

/// <summary>What is drawn. The order is the index in every export and in composition hashes: append only.</summary>
public enum ThingKind
{
    House,
    Tree,
    Flower,
    Fish,
    Sun,
    Moon,
    Star,
    Car,
    Boat,
    Snowman,
    Mushroom,
    Apple,
    Butterfly,
    Umbrella,
    Balloon,
    Mountain,
    Cloud,
    Cat,
    Bird,
    Cup,
    Book,
    Key,
    Plane,
    Cake,
}
