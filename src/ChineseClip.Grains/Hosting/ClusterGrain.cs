using ChineseClip.Abstractions;
using ChineseClip.Grains.Configuration;
using ChineseClip.Grains.Placement;
using Microsoft.Extensions.Options;
using Orleans.Concurrency;
using Orleans.Configuration;
using Orleans.Runtime.MembershipService.SiloMetadata;

namespace ChineseClip.Grains.Hosting;

/// <summary>Gathers the state of silos, shards and encoders.</summary>
[Reentrant, GrainType("cluster")]
internal sealed class ClusterGrain(
    IClusterMembershipService membership, ISiloMetadataCache metadata, IOptions<ClusterOptions> cluster,
    IOptions<InferenceOptions> inference, IOptions<SearchOptions> search) : Grain, IClusterGrain
{
    public async Task<ClusterDescription> DescribeAsync(CancellationToken cancellationToken)
    {
        CollectionDescription[] collections = await CollectionsAsync(cancellationToken);
        (EncoderState[] encoders, _) = await EncodersAsync(cancellationToken);
        IEnumerable<QueueState> encoding = encoders.Select(encoder => new QueueState
        {
            Name = $"encode {encoder.Model}/{encoder.Modality}",
            Silo = encoder.Silo ?? "",
            Depth = encoder.QueueLength,
            Capacity = encoder.QueueCapacity,
        });
        IEnumerable<QueueState> searching = collections.SelectMany(collection => collection.Shards)
            .Where(shard => shard.Silo is not null)
            .GroupBy(shard => shard.Silo!)
            .Select(silo => new QueueState
            {
                Name = "search",
                Silo = silo.Key,
                Depth = silo.Max(shard => shard.QueuedSearches),
                Capacity = search.Value.MaxQueueLength,
            });
        return new ClusterDescription
        {
            ClusterId = cluster.Value.ClusterId,
            Silos = Silos(),
            Collections = collections,
            Encoders = encoders,
            Queues = [.. encoding, .. searching],
        };
    }

    public async Task<ClusterReadiness> ReadinessAsync(string[] roles, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(roles);
        bool isGateway = roles.Contains(SiloRoles.Gateway);
        string[] needed = [.. new[] { SiloRoles.Shards, SiloRoles.Inference }.Where(role => isGateway || roles.Contains(role))];

        // A call to a role that no silo has would only be retried and logged by the placement, so it is not made.
        string[] absent = [.. needed.Where(role => !Silos().Any(silo => IsActive(silo) && silo.Roles.Contains(role)))];
        List<string> reasons = [.. absent.Select(role => $"No silo with the role {role} has joined the cluster yet.")];
        if (needed.Except(absent).Contains(SiloRoles.Inference))
        {
            reasons.AddRange((await EncodersAsync(cancellationToken)).Problems);
        }

        if (needed.Except(absent).Contains(SiloRoles.Shards))
        {
            reasons.AddRange(await ShardProblemsAsync(cancellationToken));
        }

        return new ClusterReadiness { IsReady = reasons.Count == 0, Reasons = [.. reasons] };
    }

    private static bool IsActive(SiloState silo) => silo.Status == nameof(SiloStatus.Active);

    private async Task<IEnumerable<string>> ShardProblemsAsync(CancellationToken cancellationToken)
    {
        CollectionDescription[] collections = await CollectionsAsync(cancellationToken);
        HashSet<string> beingCreated = [.. collections.Where(collection => collection.IsBeingCreated).Select(collection => collection.Definition.Name)];
        return collections.SelectMany(collection => collection.Shards).Select(shard => shard.Status switch
        {
            ShardStatus.Loading when beingCreated.Contains(shard.Collection) => null,    // whoever creates it waits for it, and nobody else
            ShardStatus.Loading => $"The shard {shard.Collection}/{shard.Ordinal} is reading its log.",
            ShardStatus.Unavailable => $"The shard {shard.Collection}/{shard.Ordinal} does not answer: {shard.Error}",
            _ => null,
        }).OfType<string>();
    }

    private SiloState[] Silos() =>
    [
        .. membership.CurrentSnapshot.Members.Values
            .OrderBy(member => member.SiloAddress)
            .Select(member => new SiloState
            {
                Address = member.SiloAddress.ToString(),
                Name = member.Name,
                Status = member.Status.ToString(),
                Roles = RoleFilterDirector.Roles(metadata, member.SiloAddress),
            }),
    ];

    private async Task<CollectionDescription[]> CollectionsAsync(CancellationToken cancellationToken)
    {
        ICollectionsGrain collections = GrainFactory.Collections();
        CollectionDefinition[] definitions = await collections.ListAsync(cancellationToken);
        return await Task.WhenAll(definitions.Select(
            definition => collections.DescribeAsync(definition.Name, cancellationToken)));
    }

    private async Task<(EncoderState[] Encoders, string[] Problems)> EncodersAsync(CancellationToken cancellationToken)
    {
        ModelDescription[] models = await GrainFactory.Inference().ModelsAsync(cancellationToken);
        List<string> problems = [.. models.Where(model => model.Error is not null).Select(model => model.Error!)];
        IEnumerable<IEncoderGrain> grains =
            from model in models
            where model.Status == ModelStatus.Available
            from modality in new[] { GrainKeys.Text, GrainKeys.Image }
            from ordinal in Enumerable.Range(0, inference.Value.EncoderCount)
            select GrainFactory.Encoder(model.Name, modality, ordinal);
        List<EncoderState> encoders = [];
        foreach (Task<EncoderState> state in grains.Select(grain => grain.DescribeAsync(cancellationToken)).ToArray())
        {
            try
            {
                encoders.Add(await state);
            }
            catch (Exception exception) when (exception is ClusterException or OrleansException or TimeoutException)
            {
                problems.Add(exception.Message);
            }
        }

        return ([.. encoders], [.. problems]);
    }
}
