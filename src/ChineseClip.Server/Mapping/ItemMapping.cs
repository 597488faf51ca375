using ChineseClip.Abstractions;
using ChineseClip.Contracts;
using ChineseClip.Server.Errors;
using ChineseClip.Server.Pictures;

namespace ChineseClip.Server.Mapping;

/// <summary>Items, HTTP records to and from grain messages.</summary>
internal static class ItemMapping
{
    /// <summary>Loads the picture, if there is one; what else is wrong with an item the grain finds out.</summary>
    public static async Task<Abstractions.PutItem> ToMessageAsync(
        Contracts.PutItem item, PictureLoader pictures, CancellationToken cancellationToken)
    {
        string namedAs = $"item '{item.Id}'";
        int contents = (item.Image is null ? 0 : 1) + (item.Text is null ? 0 : 1) + (item.Vector is null ? 0 : 1);
        if (contents != 1)
        {
            throw RequestException.Invalid($"{namedAs} has {contents} of image, text and vector; must have exactly one.");
        }

        if (item.Id is "." or "..")
        {
            throw RequestException.Invalid($"The id '{item.Id}' cannot stand in an address; choose another.");
        }

        return new Abstractions.PutItem
        {
            Id = item.Id,
            Image = await pictures.LoadOptionalAsync(item.Image, $"{namedAs}.image", cancellationToken),
            Text = item.Text,
            Vector = item.Vector is null ? null : VectorMapping.ToVector(item.Vector, $"{namedAs}.vector"),
            Payload = PayloadMapping.ToBytes(item.Payload, namedAs),
        };
    }

    public static PutItemResult ToRecord(ItemOutcome outcome) => new()
    {
        Id = outcome.Id,
        Status = outcome.Status switch
        {
            ItemStatus.Created => "created",
            ItemStatus.Updated => "updated",
            ItemStatus.Failed => "failed",
            _ => throw new ArgumentOutOfRangeException(nameof(outcome), outcome.Status, "An unknown status."),
        },
        Error = outcome.Error is null ? null : ProblemMapping.ToElementError(outcome.Error),
    };

    public static PutItemResult Failed(string id, Failure failure) => new()
    {
        Id = id,
        Status = "failed",
        Error = ProblemMapping.ToElementError(failure),
    };

    public static ItemResponse ToRecord(StoredItem item) => new()
    {
        Id = item.Id,
        Payload = PayloadMapping.ToElement(item.Payload),
        Vector = VectorMapping.ToNumbers(item.Vector),
    };
}
