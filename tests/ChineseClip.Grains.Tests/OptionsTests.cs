using ChineseClip.Grains.Configuration;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace ChineseClip.Grains.Tests;

public sealed class OptionsTests
{
    [Theory]
    [InlineData("Inference:MaxBatchSize", "0", "Inference:MaxBatchSize is 0; must be 1..256.")]
    [InlineData("Inference:MaxBatchDelay", "00:00:02", "Inference:MaxBatchDelay is 00:00:02; must be 00:00:00..00:00:01.")]
    [InlineData("Inference:MaxQueueLength", "0", "Inference:MaxQueueLength is 0; must be 1..65536.")]
    [InlineData("Inference:ExecutionProviders", "cuda,gpu",
        "Inference:ExecutionProviders has \"gpu\"; must be of cuda, tensorrt, cpu.")]
    [InlineData("Inference:Models:demo", "/no/such/folder",
        "Inference:Models:demo is \"/no/such/folder\"; must be the directory of a model package.")]
    [InlineData("Images:MaxPixels", "0", "Images:MaxPixels is 0; must be 1..2000000000.")]
    [InlineData("Storage:Provider", "tape", "Storage:Provider is \"tape\"; must be files or postgres.")]
    [InlineData("Storage:Provider", "postgres", "Storage:Provider is postgres but ConnectionStrings:postgres is empty; must be such as Host=db;Username=chineseclip;Password=…;Database=chineseclip.")]
    [InlineData("Storage:Directory", "", "Storage:Directory is empty; must be a directory.")]
    [InlineData("Search:MaxQueueLength", "70000", "Search:MaxQueueLength is 70000; must be 1..65536.")]
    [InlineData("Cluster:Roles", "shards,cook", "Cluster:Roles is \"shards,cook\"; must be one or more of gateway,shards,inference.")]
    public void Start_AWrongValue_IsRefusedWithKeyValueAndBound(string key, string value, string message)
    {
        using IHost host = Build(new Dictionary<string, string?> { [key] = value });
        OptionsValidationException exception = Assert.Throws<OptionsValidationException>(
            () => host.Services.GetRequiredService<IStartupValidator>().Validate());
        Assert.Equal(message, exception.Message);
    }

    [Fact]
    public void Lists_AreReadFromCommasAndFromIndexes()
    {
        using IHost host = Build(new Dictionary<string, string?>
        {
            ["Inference:ExecutionProviders"] = "cuda, cpu",
            ["Images:AllowedUrlHosts:0"] = "one.example",
            ["Images:AllowedUrlHosts:1"] = "two.example",
        });
        Assert.Equal(["cuda", "cpu"], host.Services.GetRequiredService<IOptions<InferenceOptions>>().Value.ExecutionProviders);
        Assert.Equal(
            ["one.example", "two.example"], host.Services.GetRequiredService<IOptions<ImageOptions>>().Value.AllowedUrlHosts);
    }

    private static IHost Build(Dictionary<string, string?> values)
    {
        HostApplicationBuilder builder = Host.CreateApplicationBuilder();
        IConfiguration configuration = new ConfigurationBuilder().AddInMemoryCollection(values).Build();
        builder.UseOrleans(silo => silo.UseLocalhostClustering().AddChineseClip(configuration));
        return builder.Build();
    }
}
