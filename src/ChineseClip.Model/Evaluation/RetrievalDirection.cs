namespace ChineseClip.Model.Evaluation;

/// <summary>What is given and what is looked for.</summary>
public enum RetrievalDirection
{
    /// <summary>A text is given; pictures are ranked.</summary>
    TextToImage,

    /// <summary>A picture is given; texts are ranked.</summary>
    ImageToText,
}
