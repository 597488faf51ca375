using ChineseClip.Client;
using ChineseClip.Contracts;
using ChineseClip.Demo.Drawing;
using ChineseClip.Demo.Evaluation;
using ChineseClip.Demo.Facts;
using ChineseClip.Demo.Wording;

namespace ChineseClip.Cli.DemoRun;

/// <summary>Asks the demo's queries, as a user would.</summary>
internal sealed class DemoQueryRun(IChineseClipClient client)
{
    private const int HitCount = 5;

    public async Task<IReadOnlyList<DemoAnswer>> AskTextsAsync(CancellationToken cancellationToken)
    {
        List<DemoAnswer> answers = [];
        foreach (ShortQuery query in DemoQueries.All)
        {
            answers.Add(await AskAsync(query.Text, new SearchRequest { Text = query.Text, K = HitCount, WithPayload = true }, cancellationToken));
        }

        return answers;
    }

    /// <summary>Asks with a picture that is not in the collection; its caption tells what it shows.</summary>
    public async Task<DemoAnswer> AskPictureAsync(CancellationToken cancellationToken)
    {
        PictureFacts facts = new PictureFactsSource(DemoSeeds.HeldOut, PictureSplit.HeldOut)[0];
        using Illustrator illustrator = new();
        SearchRequest request = new() { Image = ImageSources.FromBytes(illustrator.DrawFile(facts)), K = HitCount, WithPayload = true };
        return await AskAsync(Captions.Long(facts, 0).Text, request, cancellationToken);
    }

    private async Task<DemoAnswer> AskAsync(string text, SearchRequest request, CancellationToken cancellationToken) =>
        new(text, await client.SearchAsync(DemoCollection.Name, request, cancellationToken));
}
