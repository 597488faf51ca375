namespace ChineseClip.Model;

/// <summary>Resampling filters by Pillow's numbers.</summary>
public enum ResampleFilter
{
    Nearest = 0,
    Lanczos = 1,
    Bilinear = 2,
    Bicubic = 3,
    Box = 4,
    Hamming = 5,
}
