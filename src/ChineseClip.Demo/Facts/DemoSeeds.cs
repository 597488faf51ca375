namespace ChineseClip.Demo.Facts;

/// <summary>Seeds that must never meet: what was trained on, what is measured, what a visitor sees.</summary>
public static class DemoSeeds
{
    public const ulong Training = 20_260_101;
    public const ulong HeldOut = 20_260_202;
    public const ulong Gallery = 20_260_303;
}
