namespace ChineseClip.Vectors.Tests;

/// <summary>Gaussian directions of length 1 from a seed.</summary>
internal static class RandomVectors
{
    public static float[][] Create(int count, int dimension, int seed)
    {
        Random random = new(seed);
        float[][] vectors = new float[count][];
        for (int i = 0; i < count; i++)
        {
            vectors[i] = CreateOne(random, dimension);
        }
        return vectors;
    }

    public static float[] CreateOne(Random random, int dimension)
    {
        float[] vector = new float[dimension];
        for (int i = 0; i < dimension; i++)
        {
            double radius = Math.Sqrt(-2 * Math.Log(1 - random.NextDouble()));
            vector[i] = (float)(radius * Math.Cos(2 * Math.PI * random.NextDouble()));
        }
        VectorMath.Normalize(vector);
        return vector;
    }
}
