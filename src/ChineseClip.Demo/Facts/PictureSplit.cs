namespace ChineseClip.Demo.Facts;

public enum PictureSplit
{
    /// <summary>Never an unseen composition.</summary>
    Training,

    /// <summary>Every tenth picture (index 9, 19, …) holds an unseen composition, the others none.</summary>
    HeldOut,
}
