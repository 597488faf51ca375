using System.Numerics;
using System.Runtime.Intrinsics.X86;
using ChineseClip.Vectors.Kernels;

namespace ChineseClip.Vectors.Tests;

public sealed unsafe class CompactKernelTests
{
    private const int BitsPerWord = 64;

    [Theory]
    [InlineData("Vbmi2")]
    [InlineData("512")]
    [InlineData("256")]
    [InlineData("Scalar")]
    [InlineData("Chosen")]
    public void SetBits_WritesThePlaceOfEach(string kernel)
    {
        Assert.SkipUnless(IsSupported(kernel), $"this machine has no {kernel}");
        Random random = new(1);
        int* target = stackalloc int[BitsPerWord + CompactKernel.Slack];
        for (int round = 0; round < 500; round++)
        {
            ulong word = round switch { 0 => 0, 1 => ulong.MaxValue, 2 => 1, 3 => 1UL << 63, _ => (ulong)random.NextInt64() << (round % 32) };
            int first = round * 1000;
            int count = kernel switch
            {
                "Vbmi2" => CompactKernel.SetBitsVbmi2(word, first, target),
                "512" => CompactKernel.SetBits512(word, first, target),
                "256" => CompactKernel.SetBits256(word, first, target),
                "Scalar" => CompactKernel.SetBitsScalar(word, first, target),
                _ => CompactKernel.SetBits(word, first, target),
            };
            Assert.Equal(BitOperations.PopCount(word), count);
            Assert.Equal(
                Enumerable.Range(0, BitsPerWord).Where(place => (word >> place & 1) != 0).Select(place => first + place),
                new ReadOnlySpan<int>(target, count).ToArray());
        }
    }

    [Fact]
    public void SetBitsOfWords_WritesThePlaceOfEachInAll()
    {
        Random random = new(4);
        ulong* words = stackalloc ulong[20];
        int* target = stackalloc int[(20 * BitsPerWord) + CompactKernel.Slack];
        for (int wordCount = 0; wordCount <= 20; wordCount++)
        {
            for (int i = 0; i < wordCount; i++)
            {
                words[i] = i % 5 == 4 ? ulong.MaxValue : (ulong)(random.NextInt64() & random.NextInt64());
            }
            ulong[] copy = new ReadOnlySpan<ulong>(words, wordCount).ToArray();
            int[] expected = [.. Enumerable.Range(0, wordCount * BitsPerWord)
                .Where(place => (copy[place / BitsPerWord] >> (place % BitsPerWord) & 1) != 0).Select(place => 1000 + place)];
            int count = CompactKernel.SetBits(words, wordCount, 1000, target);
            Assert.Equal(expected, new ReadOnlySpan<int>(target, count).ToArray());
        }
    }

    [Theory]
    [InlineData("512")]
    [InlineData("256")]
    [InlineData("Chosen")]
    public void Above_KeepsThoseWhoseRanksAreAbove(string kernel)
    {
        Assert.SkipUnless(IsSupported(kernel), $"this machine has no {kernel}");
        Random random = new(2);
        int[] numbers = new int[200 + CompactKernel.Slack];
        int[] ranks = new int[numbers.Length];
        for (int count = 0; count <= 200; count++)
        {
            for (int i = 0; i < numbers.Length; i++)
            {
                numbers[i] = random.Next();
                ranks[i] = i >= count ? int.MaxValue : random.Next(-5, 6);    // what lies behind is not to be read as one of them
            }
            int limit = count % 4 == 0 ? int.MinValue : random.Next(-6, 6);
            int[] expected = [.. Enumerable.Range(0, count).Where(i => ranks[i] > limit).Select(i => numbers[i])];
            int kept;
            fixed (int* firstNumber = numbers, firstRank = ranks)
            {
                kept = kernel switch
                {
                    "512" => CompactKernel.Above512(limit, firstNumber, firstRank, count),
                    "256" => CompactKernel.Above256(limit, firstNumber, firstRank, count),
                    _ => CompactKernel.Above(limit, firstNumber, firstRank, count),
                };
            }
            Assert.Equal(expected, numbers[..kept]);
        }
    }

    [Theory]
    [InlineData("512")]
    [InlineData("256")]
    [InlineData("Chosen")]
    public void CountAboveAndPlacesAbove_AreOfThoseWhoseRanksAreAbove(string kernel)
    {
        Assert.SkipUnless(IsSupported(kernel), $"this machine has no {kernel}");
        Random random = new(3);
        int[] ranks = new int[200 + CompactKernel.Slack];
        int[] places = new int[200 + CompactKernel.Slack];
        for (int count = 0; count <= 200; count++)
        {
            Array.Fill(ranks, int.MaxValue);
            for (int i = 0; i < count; i++)
            {
                ranks[i] = random.Next(-5, 6);
            }
            int limit = random.Next(-6, 6);
            int[] expected = [.. Enumerable.Range(0, count).Where(i => ranks[i] > limit)];
            fixed (int* firstRank = ranks, firstPlace = places)
            {
                Assert.Equal(expected.Length, CompactKernel.CountAbove(limit, firstRank, count));
                foreach (int most in (int[])[200, 7])
                {
                    int written = kernel switch
                    {
                        "512" => CompactKernel.PlacesAbove512(limit, firstRank, count, firstPlace, most),
                        "256" => CompactKernel.PlacesAbove256(limit, firstRank, count, firstPlace, most),
                        _ => CompactKernel.PlacesAbove(limit, firstRank, count, firstPlace, most),
                    };
                    Assert.Equal(expected.Take(most), places[..written]);
                }
            }
        }
    }

    private static bool IsSupported(string kernel) => kernel switch
    {
        "Vbmi2" => Avx512Vbmi2.IsSupported,
        "512" => Avx512F.IsSupported,
        "256" => Avx2.IsSupported,
        _ => true,
    };
}
