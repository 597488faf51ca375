using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Testing;

namespace ChineseClip.Cluster.AppHost.Tests;

/// <summary>The application model, looked at without starting anything.</summary>
public sealed class TopologyTests
{
    [Fact]
    public async Task Resources_WithTwoInferenceSilos_AreTheExpectedOnes()
    {
        await using var builder = await CreateAsync("--Topology:InferenceSilos=2", "--Topology:Gateways=2");

        var names = builder.Resources.Select(resource => resource.Name).ToHashSet();

        Assert.Superset(new HashSet<string> { "redis", "postgres", "shards-0", "shards-1", "inference-0", "inference-1", "gateway-0", "gateway-1" }, names);
        Assert.DoesNotContain("inference-2", names);
    }

    [Fact]
    public async Task Gateway_IsExternalHealthCheckedAndWaitsForTheShards()
    {
        await using var builder = await CreateAsync();

        var gateway = Silo(builder, "gateway-0");

        Assert.True(gateway.GetEndpoint("http").EndpointAnnotation.IsExternal);
        Assert.Contains(gateway.Annotations.OfType<WaitAnnotation>(), wait => wait.Resource.Name == "shards-1");
        Assert.NotEmpty(gateway.Annotations.OfType<HealthCheckAnnotation>());
        Assert.False(Silo(builder, "shards-0").GetEndpoint("http").EndpointAnnotation.IsExternal);
    }

    [Fact]
    public async Task Environment_OfASilo_NamesItsRoleAndRedisMembership()
    {
        await using var builder = await CreateAsync("--Topology:Gpu=true");
        var inference = Silo(builder, "inference-0");
        await using var app = await builder.BuildAsync(TestContext.Current.CancellationToken);
        var publish = new DistributedApplicationExecutionContext(
            new DistributedApplicationExecutionContextOptions(DistributedApplicationOperation.Publish) { Services = app.Services });

        var environment = (await ExecutionConfigurationBuilder.Create(inference).WithEnvironmentVariablesConfig().BuildAsync(publish))
            .EnvironmentVariables.ToDictionary(entry => entry.Key, entry => entry.Value);

        Assert.Equal("inference", environment["Cluster__Roles"]);
        Assert.Equal("Redis", environment["Orleans__Clustering__ProviderType"]);
        Assert.Equal("redis", environment["Orleans__Clustering__ServiceKey"]);
        Assert.Equal("cuda", environment["Inference__ExecutionProviders__0"]);
    }

    private static Task<IDistributedApplicationTestingBuilder> CreateAsync(params string[] args) =>
        DistributedApplicationTestingBuilder.CreateAsync<Projects.ChineseClip_Cluster_AppHost>(args, TestContext.Current.CancellationToken);

    private static ProjectResource Silo(IDistributedApplicationTestingBuilder builder, string name) =>
        builder.Resources.OfType<ProjectResource>().Single(resource => resource.Name == name);
}
