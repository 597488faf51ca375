namespace ChineseClip.Abstractions;

/// <summary>The JSON type of a <see cref="FilterValue"/>.</summary>
[GenerateSerializer, Alias("cc.FilterValueKind")]
public enum FilterValueKind
{
    /// <summary>A string.</summary>
    Text = 0,

    /// <summary>A number.</summary>
    Number = 1,

    /// <summary>True or false.</summary>
    Boolean = 2,
}
