using CsCheck;

namespace ChineseClip.Vectors.Tests;

public sealed class QueryRingTests
{
    [Fact]
    public void RingEqualsQueueOfTheLatest() =>
        Gen.Select(Gen.Int[1, 6], Gen.Bool.Array[0, 60]).Sample((capacity, operations) =>
        {
            QueryRing ring = new(2, capacity);
            Queue<float> expected = new();
            float[] taken = new float[2];
            for (int i = 0; i < operations.Length; i++)
            {
                if (operations[i])
                {
                    ring.Add([i, -i]);
                    expected.Enqueue(i);
                    if (expected.Count > capacity)
                    {
                        expected.Dequeue();
                    }
                }
                else if (ring.TryTake(taken))
                {
                    Assert.Equal([expected.Peek(), -expected.Dequeue()], taken);
                }
                else
                {
                    Assert.Empty(expected);
                }
                Assert.Equal(expected.Count, ring.Count);
            }
        });

    [Fact]
    public void Add_WrongLength_NamesValueAndBound()
    {
        string message = Assert.Throws<ArgumentException>(() => new QueryRing(3, 1).Add([1f])).Message;
        Assert.Contains("query has 1 elements; must have 3", message, StringComparison.Ordinal);
    }
}
