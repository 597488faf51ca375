using System.Globalization;

namespace ChineseClip.Abstractions;

/// <summary>The keys of the grains, in one place.</summary>
public static class GrainKeys
{
    /// <summary>The key of the grains there is one of.</summary>
    public const string Single = "0";

    /// <summary>
    /// How many keys the stateless workers have. Each key has one activation on a silo, because Orleans brings a cancellation to some
    /// activation of a stateless worker and not to the one at work (dotnet/orleans#9877); several keys keep several processors busy.
    /// </summary>
    public const int WorkerCount = 16;

    /// <summary>The modality of a text encoder.</summary>
    public const string Text = "text";

    /// <summary>The modality of an image encoder.</summary>
    public const string Image = "image";

    /// <summary>The key of one of the stateless workers, whichever.</summary>
    /// <returns>The key, 0 to <see cref="WorkerCount"/> - 1.</returns>
    public static long Worker() => Random.Shared.Next(WorkerCount);

    /// <summary>The key of a shard: <c>collection/ordinal</c>.</summary>
    /// <param name="collection">The collection's name.</param>
    /// <param name="ordinal">The shard's place, from 0.</param>
    /// <returns>The key.</returns>
    public static string Shard(string collection, int ordinal) =>
        string.Create(CultureInfo.InvariantCulture, $"{collection}/{ordinal}");

    /// <summary>Key of a shard's reader; replicas count from 1.</summary>
    public static string ShardReader(string collection, int ordinal, int replica) =>
        string.Create(CultureInfo.InvariantCulture, $"{collection}/{ordinal}/{replica}");

    /// <summary>The key of an encoder: <c>model/modality/ordinal</c>.</summary>
    /// <param name="model">The model's name.</param>
    /// <param name="modality"><see cref="Text"/> or <see cref="Image"/>.</param>
    /// <param name="ordinal">Which of several, from 0.</param>
    /// <returns>The key.</returns>
    public static string Encoder(string model, string modality, int ordinal = 0) =>
        string.Create(CultureInfo.InvariantCulture, $"{model}/{modality}/{ordinal}");
}
