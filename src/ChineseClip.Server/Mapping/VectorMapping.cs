using System.Globalization;
using ChineseClip.Abstractions;
using ChineseClip.Contracts;
using ChineseClip.Server.Errors;

namespace ChineseClip.Server.Mapping;

/// <summary>Numbers of a JSON array to and from the packed form that travels between silos.</summary>
internal static class VectorMapping
{
    public static EmbeddingVector ToVector(IReadOnlyList<float> values, string namedAs)
    {
        float[] packed = [.. values];
        for (int i = 0; i < packed.Length; i++)
        {
            if (!float.IsFinite(packed[i]))
            {
                throw RequestException.Invalid(
                    string.Create(
                        CultureInfo.InvariantCulture,
                        $"{namedAs}[{i}] is {packed[i]}; must be a finite number of at most {float.MaxValue:R}."),
                    new ProblemElement { Field = namedAs });
            }
        }

        return EmbeddingVector.From(packed);
    }

    public static float[]? ToNumbers(EmbeddingVector? vector) => vector?.ToArray();

    public static float[][] ToNumbers(EmbeddingVector[] vectors) => [.. vectors.Select(vector => vector.ToArray())];
}
