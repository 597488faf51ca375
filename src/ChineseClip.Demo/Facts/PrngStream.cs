namespace ChineseClip.Demo.Facts;

/// <summary>Independent random sequences of one picture. Captions take a range: stream + variant.</summary>
internal enum PrngStream
{
    Facts = 1,
    Layout = 2,
    Backdrop = 3,
    Pencil = 4,
    LongCaption = 1_000,
    ShortCaption = 2_000,
    Alteration = 3_000,
    ShortQuery = 4_000,
}
