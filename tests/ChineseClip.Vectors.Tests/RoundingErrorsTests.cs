using ChineseClip.Vectors.Graph;

namespace ChineseClip.Vectors.Tests;

public sealed class RoundingErrorsTests
{
    private const float Offset = 7.25f;
    private const float Step = 0.002f;

    [Fact]
    public void AtMost_FewCompared_IsInfinite()
    {
        RoundingErrors errors = default;
        for (int i = 0; i < 11; i++)
        {
            errors.Add(i, i + Offset);
        }
        Assert.Equal(double.PositiveInfinity, errors.AtMost(3));
    }

    [Fact]
    public void AtMost_NoErrors_IsTheExactScore()
    {
        RoundingErrors errors = default;
        for (int i = 0; i < 20; i++)
        {
            errors.Add(i, i + Offset);
        }
        Assert.Equal(3 + Offset, errors.AtMost(3), 1e-12);
    }

    // Sums of 512 rounding errors, each uniform over a step, times an element of a unit vector.
    [Fact]
    public void AtMost_RoundedRows_IsExceededByNoneAndClose()
    {
        Random random = new(5);
        for (int query = 0; query < 200; query++)
        {
            RoundingErrors errors = default;
            for (int row = 0; row < 16; row++)
            {
                errors.Add(0.3f, 0.3f + Offset + (float)RoundingError(random));
            }
            double bound = errors.AtMost(0.3f) - 0.3f - Offset;
            Assert.InRange(bound, Step * 0.7, Step * 4);    // all errors at their largest, one way, are 11 steps
            for (int row = 0; row < 50; row++)
            {
                Assert.True(RoundingError(random) < bound);
            }
        }
    }

    private static double RoundingError(Random random)
    {
        double sum = 0;
        for (int d = 0; d < 512; d++)
        {
            sum += (random.NextDouble() - 0.5) * Step / Math.Sqrt(512);
        }
        return sum;
    }
}
