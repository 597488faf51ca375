using CsCheck;

namespace ChineseClip.Vectors.Tests;

public sealed class QueryRingTests
{
    [Fact]
    public void RingEqualsListOfTheLatestWithACursor() =>
        Gen.Select(Gen.Int[1, 6], Gen.Int[0, 9].Array[0, 60]).Sample((capacity, operations) =>
        {
            QueryRing ring = new(2, capacity);
            List<float> remembered = [];
            int next = 0;
            float[] taken = new float[2];
            for (int i = 0; i < operations.Length; i++)
            {
                if (operations[i] < 5)
                {
                    ring.Add([i, -i]);
                    remembered.Add(i);
                    if (remembered.Count > capacity)
                    {
                        remembered.RemoveAt(0);
                        next = Math.Max(0, next - 1);
                    }
                }
                else if (operations[i] == 9)
                {
                    ring.Rewind();
                    next = 0;
                }
                else
                {
                    Assert.Equal(next < remembered.Count, ring.TryTake(taken));
                    if (next < remembered.Count)
                    {
                        Assert.Equal([remembered[next], -remembered[next++]], taken);
                    }
                }
                Assert.Equal(remembered.Count - next, ring.Count);
            }
        });

    [Fact]
    public void Add_WrongLength_NamesValueAndBound()
    {
        string message = Assert.Throws<ArgumentException>(() => new QueryRing(3, 1).Add([1f])).Message;
        Assert.Contains("query has 1 elements; must have 3", message, StringComparison.Ordinal);
    }
}
