namespace ChineseClip.Demo.Facts;

public enum Curriculum
{
    /// <summary>The real distribution.</summary>
    All,

    /// <summary>One large thing a picture, for warming up the vision tower.</summary>
    Single,
}
