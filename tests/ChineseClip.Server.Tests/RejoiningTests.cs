using ChineseClip.Server.Hosting;
using Microsoft.Extensions.Logging.Abstractions;

namespace ChineseClip.Server.Tests;

/// <summary>What a silo that was counted out leaves to the process that takes its place. That it joins again is tried with real processes.</summary>
public sealed class RejoiningTests
{
    private static readonly DateTimeOffset Now = new(2026, 11, 24, 3, 0, 0, TimeSpan.Zero);

    [Theory]
    [InlineData(null)]
    [InlineData("http://127.0.0.1:8080")]
    [InlineData("http://0.0.0.0:41234;https://[::]:41235")]
    public void Read_WhatWasWritten_IsTheSame(string? urls)
    {
        Rejoining before = Rejoining.Begin(urls, Now);

        Assert.Equal(before, Rejoining.Read(before.ToString()));
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("http://127.0.0.1:8080")]
    [InlineData("soon http://127.0.0.1:8080")]
    [InlineData("-5 http://127.0.0.1:8080")]
    public void Read_SomethingElse_IsAFirstStart(string? value) => Assert.Null(Rejoining.Read(value));

    [Fact]
    public void StartAnew_WhenTheTimeIsUp_SaysWhy()
    {
        Rejoining rejoining = Rejoining.Begin("http://127.0.0.1:8080", Now - TimeSpan.FromDays(1));

        SiloEvictedException exception = Assert.Throws<SiloEvictedException>(() => rejoining.StartAnew("Redis does not answer.", null));

        Assert.Contains("could not join again within 00:02:00: Redis does not answer.", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Eviction_OnceTold_IsNotForgotten()
    {
        Eviction eviction = new(NullLogger<Eviction>.Instance);
        eviction.ThrowIfOccurred();

        eviction.OnFatalException(this, "I have been told I am dead.");
        eviction.OnFatalException(this, "Again.");

        Assert.Equal("I have been told I am dead.", await eviction.Occurred);
        Assert.Contains("told I am dead", Assert.Throws<SiloEvictedException>(eviction.ThrowIfOccurred).Message, StringComparison.Ordinal);
    }
}
