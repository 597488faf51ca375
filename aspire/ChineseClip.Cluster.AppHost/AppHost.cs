using Aspire.Hosting.Orleans;
using Microsoft.Extensions.Configuration;

// The cluster as Aspire runs it: Redis for membership, then the same program in three roles.
//   Topology:InferenceSilos   silos that hold encoders                     default 1
//   Topology:Gateways         silos that answer HTTP                       default 1
//   Topology:Gpu              inference on CUDA, refusing to start without default false
//   Topology:ExternalRedis    take ConnectionStrings:redis instead of starting a container
// Shards live on one silo while they are stored in files: a storage directory belongs to one process.
var builder = DistributedApplication.CreateBuilder(args);

var topology = builder.Configuration.GetSection("Topology");
var inferenceSilos = topology.GetValue("InferenceSilos", 1);
var gateways = topology.GetValue("Gateways", 1);
var useGpu = topology.GetValue("Gpu", false);

builder.AddDockerComposeEnvironment("compose").WithDashboard(enabled: true);

IResourceBuilder<IResourceWithConnectionString> redis = topology.GetValue("ExternalRedis", false)
    ? builder.AddConnectionString("redis").WithOrleansProviderType("Redis")
    : builder.AddRedis("redis").WithDataVolume("chineseclip-redis").WithLifetime(ContainerLifetime.Session);

OrleansService orleans = builder.AddOrleans("cluster")
    .WithClusterId("chineseclip")
    .WithServiceId("chineseclip")
    .WithClustering(redis);

var shards = AddSilo("shards", "shards");

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
    AddSilo($"gateway-{i}", "gateway")
        .WithExternalHttpEndpoints()
        .WithUrlForEndpoint("http", url => url.DisplayText = "Search page and API")
        .WaitFor(shards);
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
