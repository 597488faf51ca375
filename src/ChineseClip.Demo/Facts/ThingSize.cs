namespace ChineseClip.Demo.Facts;

/// <summary>How large a lone thing is drawn; several things have no size of their own (<see cref="None"/>).</summary>
public enum ThingSize
{
    None,
    Large,
    Small,
}
