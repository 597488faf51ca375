using ChineseClip.Server.Gateway;
using Microsoft.Extensions.Time.Testing;

namespace ChineseClip.Server.Tests;

public sealed class RecentShareTests
{
    private readonly FakeTimeProvider _time = new();

    [Fact]
    public void Value_IsThePartLetIn()
    {
        RecentShare share = new(_time);
        for (int i = 0; i < 40; i++)
        {
            share.Count(isLetIn: i % 4 == 0);
        }

        Assert.Equal(0.25, share.Value);
        Assert.False(share.IsAtMost(0.2));
        Assert.True(share.IsAtMost(0.3));
    }

    [Fact]
    public void HardlyAnythingAskedFor_IsAllLetIn()
    {
        RecentShare share = new(_time);
        for (int i = 0; i < 9; i++)
        {
            share.Count(isLetIn: false);
        }

        Assert.Equal(1, share.Value);
    }

    [Fact]
    public void WhatWasLongAgo_CountsForLittle()
    {
        RecentShare share = new(_time);
        for (int i = 0; i < 1000; i++)
        {
            share.Count(isLetIn: false);
        }

        _time.Advance(TimeSpan.FromSeconds(3));
        for (int i = 0; i < 100; i++)
        {
            share.Count(isLetIn: true);
        }

        Assert.InRange(share.Value, 0.95, 1);
    }

    [Fact]
    public void WhereNothingWasLetIn_OneMoreIsAtMostAnyShare()
    {
        RecentShare share = new(_time);
        share.Count(isLetIn: false);

        Assert.True(share.IsAtMost(0));
    }
}
