using Aspire.Hosting.Orleans;
using Microsoft.Extensions.Configuration;

// The cluster as Aspire runs it: Redis for membership, PostgreSQL for logs and snapshots, then the same program in three roles.
//   Topology:ShardSilos       silos that hold shards                       default 2
//   Topology:InferenceSilos   silos that hold encoders                     default 1
//   Topology:Gateways         silos that answer HTTP                       default 1
//   Topology:Gpu              inference on CUDA, refusing to start without default false
//   Topology:ExternalRedis    take ConnectionStrings:redis instead of starting a container
//   Topology:ExternalPostgres take ConnectionStrings:postgres instead of starting a container
var builder = DistributedApplication.CreateBuilder(args);

var topology = builder.Configuration.GetSection("Topology");
var shardSilos = topology.GetValue("ShardSilos", 2);
var inferenceSilos = topology.GetValue("InferenceSilos", 1);
var gateways = topology.GetValue("Gateways", 1);
var useGpu = topology.GetValue("Gpu", false);

builder.AddDockerComposeEnvironment("compose").WithDashboard(enabled: true);

IResourceBuilder<IResourceWithConnectionString> redis = topology.GetValue("ExternalRedis", false)
    ? builder.AddConnectionString("redis").WithOrleansProviderType("Redis")
    : builder.AddRedis("redis").WithDataVolume("chineseclip-redis").WithLifetime(ContainerLifetime.Session);

// The resource's name is that of the connection string which the server looks for.
IResourceBuilder<IResourceWithConnectionString> postgres = topology.GetValue("ExternalPostgres", false)
    ? builder.AddConnectionString("postgres")
    : builder.AddPostgres("postgres-server")
        .WithDataVolume("chineseclip-postgres")
        .WithLifetime(ContainerLifetime.Session)
        .AddDatabase("postgres", "chineseclip");

OrleansService orleans = builder.AddOrleans("cluster")
    .WithClusterId("chineseclip")
    .WithServiceId("chineseclip")
    .WithClustering(redis);

var shards = Enumerable.Range(0, shardSilos)
    .Select(i => AddSilo($"shards-{i}", "shards")
        .WithEnvironment("Storage__Provider", "postgres")
        .WithReference(postgres)
        .WaitFor(postgres))
    .ToList();

for (var i = 0; i < inferenceSilos; i++)
{
    var silo = AddSilo($"inference-{i}", "inference");
    if (useGpu)
    {
        silo.WithEnvironment("Inference__ExecutionProviders__0", "cuda")
            .WithEnvironment("Inference__RequireAccelerator", "true")
            // The compose model has no device reservations; a CDI device name says the same.
            .PublishAsDockerComposeService((_, service) => service.Devices.Add("nvidia.com/gpu=all"));
    }
}

for (var i = 0; i < gateways; i++)
{
    var gateway = AddSilo($"gateway-{i}", "gateway")
        .WithExternalHttpEndpoints()
        .WithUrlForEndpoint("http", url => url.DisplayText = "Search page and API");
    shards.ForEach(silo => gateway.WaitFor(silo));
}

builder.Build().Run();

IResourceBuilder<ProjectResource> AddSilo(string name, string roles) =>
    builder.AddProject<Projects.ChineseClip_Cli>(name, options => options.ExcludeLaunchProfile = true)
        .WithArgs("serve")
        .WithHttpEndpoint()
        .WithReference(orleans)
        .WithEnvironment("Cluster__Roles", roles)
        .WithHttpHealthCheck("/health")
        .WaitFor(redis);
