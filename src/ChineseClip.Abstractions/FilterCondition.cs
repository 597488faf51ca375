namespace ChineseClip.Abstractions;

/// <summary>One condition of a <see cref="FilterClause"/>.</summary>
/// <remarks>
/// A field is reached through objects by dots (<c>maker.country</c>). Where the path meets an array, any element may
/// satisfy the condition. A field that is absent or null satisfies only <see cref="FieldExists"/> with false.
/// </remarks>
[GenerateSerializer, Alias("cc.FilterCondition"), Immutable]
public abstract record FilterCondition;
