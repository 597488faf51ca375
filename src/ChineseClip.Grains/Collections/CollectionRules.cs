using System.Globalization;
using System.Text;
using ChineseClip.Abstractions;
using ChineseClip.Vectors;

namespace ChineseClip.Grains.Collections;

/// <summary>What a collection may be.</summary>
internal static class CollectionRules
{
    public const int MaxNameLength = 64;
    public const int MaxShards = 256;
    public const int MaxReplicas = 8;

    private static readonly Dictionary<string, VectorQuantization> Quantizations = new(StringComparer.Ordinal)
    {
        ["none"] = VectorQuantization.None,
        ["sq7"] = VectorQuantization.Sq7,
        ["sq7+s16"] = VectorQuantization.Sq7S16,
    };

    public static void Check(CreateCollection request, bool allowsReaders)
    {
        CheckName(request.Name, "The collection's name");
        CheckRange(request.Shards, 1, MaxShards, nameof(request.Shards));
        if (request.Replicas != 1 && !allowsReaders)
        {
            throw Invalid(
                $"Replicas is {request.Replicas}; must be 1: storage in files belongs to one process, and replicas need Storage:Provider=postgres.");
        }

        CheckRange(request.Replicas, 1, MaxReplicas, nameof(request.Replicas));

        CheckRange(request.M, 2, HnswParameters.MaxM, nameof(request.M));
        CheckRange(request.EfConstruction, request.M, 4096, nameof(request.EfConstruction));
        if (!Quantizations.ContainsKey(request.Quantization))
        {
            throw Invalid(
                $"Quantization is \"{request.Quantization}\"; this version holds vectors as {string.Join(", ", Quantizations.Keys)}.");
        }

        if (request.Dimension is { } dimension)
        {
            CheckRange(dimension, 1, HnswParameters.MaxDimension, nameof(request.Dimension));
        }
        else if (request.Model is null)
        {
            throw Invalid("A collection needs a model, or a dimension for ready vectors.");
        }
    }

    /// <summary>How the index of a stored definition is built.</summary>
    public static HnswParameters IndexParameters(CollectionDefinition definition) => new()
    {
        Dimension = definition.Dimension,
        M = definition.M,
        EfConstruction = definition.EfConstruction,
        Quantization = Quantization(definition.Quantization),
    };

    private static VectorQuantization Quantization(string name) => Quantizations.TryGetValue(name, out VectorQuantization quantization)
        ? quantization
        : throw new ClusterException(ErrorCode.Corrupt, $"The collection's quantization is \"{name}\"; this version does not know it.");

    /// <summary>Letters of any script, digits, '-' and '_', beginning with a letter or digit.</summary>
    public static void CheckName(string name, string what)
    {
        bool isRight = name.Length is > 0 and <= MaxNameLength
            && name.IsNormalized(NormalizationForm.FormC)
            && char.IsLetterOrDigit(name[0])
            && name.All(character => char.IsLetterOrDigit(character) || character is '-' or '_');
        if (!isRight)
        {
            throw Invalid(
                $"{what} is \"{Shorten(name)}\"; must be 1..{MaxNameLength} letters, digits, '-' and '_', beginning with a letter or digit.");
        }
    }

    private static string Shorten(string name) => name.Length <= MaxNameLength ? name : name[..MaxNameLength] + "…";

    private static void CheckRange(int value, int minimum, int maximum, string name)
    {
        if (value < minimum || value > maximum)
        {
            throw Invalid(string.Create(CultureInfo.InvariantCulture, $"{name} is {value}; must be {minimum}..{maximum}."));
        }
    }

    private static ClusterException Invalid(string message) => new(ErrorCode.InvalidInput, message);
}
