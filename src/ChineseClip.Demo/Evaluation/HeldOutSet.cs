using ChineseClip.Demo.Facts;
using ChineseClip.Demo.Wording;

namespace ChineseClip.Demo.Evaluation;

/// <summary>Pictures never trained on, with every text that their evaluation needs.</summary>
public sealed class HeldOutSet
{
    public const int DefaultPictureCount = 1_000;
    public const int DefaultQueryCount = 200;

    private static readonly FactField[] ChoiceFields =
        [FactField.Kind, FactField.Color, FactField.Count, FactField.Relation, FactField.Swap];

    /// <param name="pictures">The pictures' facts, in the order of their embeddings.</param>
    /// <param name="queryCount">How many short queries to ask.</param>
    /// <param name="seed">Chooses the short queries.</param>
    public HeldOutSet(IReadOnlyList<PictureFacts> pictures, int queryCount, ulong seed)
    {
        ArgumentNullException.ThrowIfNull(pictures);
        Pictures = pictures;
        LongCaptions = [.. pictures.Select(facts => Captions.Long(facts, 0).Text)];
        ShortQueries = Evaluation.ShortQueries.For(pictures, queryCount, seed);
        TwoWayChoices =
        [
            .. from ordinal in Enumerable.Range(0, pictures.Count)
               from field in ChoiceFields
               let altered = FactAlteration.Alter(pictures[ordinal], field, 0)
               where altered is not null
               select new TwoWayChoice(ordinal, field, LongCaptions[ordinal], Captions.Long(altered, 0).Text),
        ];
    }

    /// <summary>The shipped figures are measured on the default: 1,000 pictures of <see cref="DemoSeeds.HeldOut"/>, 200 queries.</summary>
    public static HeldOutSet Create(
        int pictureCount = DefaultPictureCount, int queryCount = DefaultQueryCount, ulong seed = DemoSeeds.HeldOut)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(pictureCount);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(queryCount);
        return new([.. new PictureFactsSource(seed, PictureSplit.HeldOut).Take(pictureCount)], queryCount, seed);
    }

    public IReadOnlyList<PictureFacts> Pictures { get; }

    /// <summary>One caption a picture, stating every fact.</summary>
    public IReadOnlyList<string> LongCaptions { get; }

    public IReadOnlyList<ShortQuery> ShortQueries { get; }

    public IReadOnlyList<TwoWayChoice> TwoWayChoices { get; }

    /// <summary>Every distinct text to embed.</summary>
    public IReadOnlyList<string> Texts =>
    [
        .. LongCaptions
            .Concat(ShortQueries.Select(query => query.Text))
            .Concat(TwoWayChoices.Select(choice => choice.AlteredCaption))
            .Distinct(),
    ];
}
