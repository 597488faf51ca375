using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Http.Features;

namespace ChineseClip.Server.Gateway;

/// <summary>The HTTP server with <see cref="FrontDoor"/> between it and the application.</summary>
internal sealed class GuardedServer(IServer server, FrontDoor door) : IServer
{
    public IFeatureCollection Features => server.Features;

    /// <summary>Puts the door before the server that is registered.</summary>
    public static void Guard(IServiceCollection services)
    {
        ServiceDescriptor inner = services.Last(service => service.ServiceType == typeof(IServer));
        services.Remove(inner);
        services.AddSingleton<FrontDoor>();
        services.AddSingleton<IServer>(provider => new GuardedServer(
            (IServer)ActivatorUtilities.CreateInstance(provider, inner.ImplementationType!), provider.GetRequiredService<FrontDoor>()));
    }

    public Task StartAsync<TContext>(IHttpApplication<TContext> application, CancellationToken cancellationToken)
        where TContext : notnull =>
        server.StartAsync(new GuardedApplication<TContext>(application, door), cancellationToken);

    public Task StopAsync(CancellationToken cancellationToken) => server.StopAsync(cancellationToken);

    public void Dispose() => server.Dispose();

    private readonly record struct Visit<TContext>(IFeatureCollection Features, Refusal? Refusal, Ticket? Ticket, TContext? Context);

    private sealed class GuardedApplication<TContext>(IHttpApplication<TContext> application, FrontDoor door)
        : IHttpApplication<Visit<TContext>>
        where TContext : notnull
    {
        public Visit<TContext> CreateContext(IFeatureCollection contextFeatures)
        {
            Refusal? refusal = door.Enter(contextFeatures, out Ticket? ticket);
            try
            {
                return new Visit<TContext>(
                    contextFeatures, refusal, ticket, refusal is null ? application.CreateContext(contextFeatures) : default);
            }
            catch when (ticket is not null)
            {
                door.Leave(ticket, contextFeatures);    // without a context nobody disposes of it
                throw;
            }
        }

        public Task ProcessRequestAsync(Visit<TContext> context) =>
            context.Refusal?.SendAsync(context.Features, door.WhenRefused(context.Features)) ?? application.ProcessRequestAsync(context.Context!);

        public void DisposeContext(Visit<TContext> context, Exception? exception)
        {
            if (context.Ticket is { } ticket)
            {
                door.Leave(ticket, context.Features);
            }

            if (context.Refusal is null)
            {
                application.DisposeContext(context.Context!, exception);
            }
        }
    }
}
