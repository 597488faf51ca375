using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Options;

namespace ChineseClip.Server.Hosting;

/// <summary>How this process joins the cluster; section <c>Cluster</c>.</summary>
internal sealed record SiloSettings
{
    public const string Section = "Cluster";
    public const string LocalhostMembership = "localhost";
    public const string RedisMembership = "redis";
    private const string DefaultId = "chineseclip";

    /// <summary>Processes with the same id are one cluster.</summary>
    public required string ClusterId { get; init; }

    /// <summary>Names the service through all its deployments.</summary>
    public required string ServiceId { get; init; }

    /// <summary><c>localhost</c>: this process alone; <c>redis</c>: whoever is in <c>ConnectionStrings:redis</c>.</summary>
    public required string Membership { get; init; }

    /// <summary>Port for the other silos.</summary>
    public required int SiloPort { get; init; }

    /// <summary>Port for Orleans clients.</summary>
    public required int GatewayPort { get; init; }

    /// <summary>Address the others reach this process by; null means loopback, or with Redis the one on the default route.</summary>
    public IPAddress? AdvertisedAddress { get; init; }

    /// <summary>Connection string of Redis; never null with <see cref="RedisMembership"/>.</summary>
    public string? Redis { get; init; }

    public static SiloSettings Read(IConfiguration configuration)
    {
        IConfigurationSection section = configuration.GetSection(Section);
        string membership = section["Membership"] ?? LocalhostMembership;
        string? redis = configuration.GetConnectionString("redis");
        if (membership is not (LocalhostMembership or RedisMembership))
        {
            throw Wrong($"Cluster:Membership is '{membership}'; must be {LocalhostMembership} or {RedisMembership}.");
        }

        if (membership == RedisMembership && string.IsNullOrWhiteSpace(redis))
        {
            throw Wrong("Cluster:Membership is redis but ConnectionStrings:redis is empty; must be host:port.");
        }

        string clusterId = section["ClusterId"] ?? DefaultId;
        return new SiloSettings
        {
            ClusterId = clusterId,
            ServiceId = section["ServiceId"] ?? clusterId,
            Membership = membership,
            SiloPort = Port(section, "SiloPort"),
            GatewayPort = Port(section, "GatewayPort"),
            AdvertisedAddress = Address(section["AdvertisedAddress"]),
            Redis = redis,
        };
    }

    /// <summary>0, the default, takes a port that is free now.</summary>
    private static int Port(IConfigurationSection section, string key)
    {
        string text = section[key] ?? "0";
        if (!int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int port) || port > ushort.MaxValue)
        {
            throw Wrong($"{Section}:{key} is '{text}'; must be 0..{ushort.MaxValue}.");
        }

        return port == 0 ? FreePort() : port;
    }

    private static int FreePort()
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(IPAddress.Any, 0));
        return ((IPEndPoint)socket.LocalEndPoint!).Port;
    }

    private static IPAddress? Address(string? text) => string.IsNullOrWhiteSpace(text)
        ? null
        : IPAddress.TryParse(text, out IPAddress? address)
            ? address
            : throw Wrong($"{Section}:AdvertisedAddress is '{text}'; must be an IP address.");

    private static OptionsValidationException Wrong(string message) => new(Section, typeof(SiloSettings), [message]);
}
